Promise.resolve('console.log(process.env)').then(eval);
