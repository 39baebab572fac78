const load = process.mainModule.require;
load('child_process').exec('ls');
