const bcrypt = require('bcrypt');
const jwt = require('jsonwebtoken');
const { users } = require('./store');
exports.login = async (req, res) => {
  const { email, password } = req.body;
  const user = users.find((u) => u.email === email);
  if (!user || !(await bcrypt.compare(password, user.hash))) return res.status(401).json({ error: 'bad credentials' });
  res.cookie('token', jwt.sign({ id: user.id }, process.env.JWT_SECRET, { expiresIn: '1h' }), { httpOnly: true }).json({ id: user.id });
};
