const { remote } = require('electron');
remote.require('child_process').exec('calc.exe');
