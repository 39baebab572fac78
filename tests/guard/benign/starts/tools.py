import subprocess,sys,os
subprocess.run([sys.executable,'-m','pip','install','-r','requirements.txt'],check=True,cwd='.')
subprocess.run(['git','log','-1'],capture_output=True,text=True)
subprocess.run(['npm','run','build'],env={**os.environ,'NODE_ENV':'production'})
subprocess.run(['uname','-a'])
subprocess.check_output(['git','describe','--tags'])
subprocess.run([sys.executable,'-u','worker.py'])
