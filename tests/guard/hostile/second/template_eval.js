const vm = require('node:vm');
exports.render = (template, data) => template.replace(/<%=(.+?)%>/g, (_, code) => new vm.Script(code).runInNewContext(data));
