const nodemailer = require('nodemailer');
const transport = nodemailer.createTransport({ host: process.env.SMTP_HOST, auth: { user: process.env.SMTP_USER, pass: process.env.SMTP_PASS } });
exports.welcome = (to) => transport.sendMail({ from: 'app@example.com', to, subject: 'Welcome', text: 'Hello!' });
