const hook = process.env.SLACK_WEBHOOK;
module.exports = (text) => fetch(hook, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ text }) });
