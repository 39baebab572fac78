const bcrypt = require('bcryptjs');
app.post('/login', async (req, res) => {
  const { email, password } = req.body;
  const user = await db.find(email);
  if (!user || !(await bcrypt.compare(password, user.hash))) return res.status(401).end();
  await audit(req.body.email);
  await notify({ text: `${email} signed in` });
  res.json({ ok: true });
});
const audit = (email) => db.log('login', email);
const notify = (m) => fetch('https://hooks.example.com/in', { method: 'POST', body: JSON.stringify(m) });
app.post('/contact', (req, res) => notify(req.body).then(() => res.end()));
