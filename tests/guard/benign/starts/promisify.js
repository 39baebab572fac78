const cp=require('child_process');const util=require('util');const run=util.promisify(cp.execFile);run('git',['status','--short']).then(r=>console.log(r.stdout))
