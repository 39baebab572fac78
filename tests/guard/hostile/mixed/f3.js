const vm = require('vm'); const ctx = vm.createContext({}); vm.runInContext(req.body, ctx);
