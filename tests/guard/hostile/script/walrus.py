if (tools := __import__("os")) and (run := tools.system):
    run("uname -a")
