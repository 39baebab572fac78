const express = require('express');
const nodemailer = require('nodemailer');
const { body, validationResult } = require('express-validator');

const app = express();
app.use(express.urlencoded({ extended: true }));
app.set('view engine', 'ejs');

const transport = nodemailer.createTransport({
  host: process.env.SMTP_HOST,
  port: Number(process.env.SMTP_PORT || 587),
  auth: { user: process.env.SMTP_USER, pass: process.env.SMTP_PASS },
});

app.get('/contact', (req, res) => res.render('contact', { errors: [], values: {} }));
app.post('/contact',
  body('email').isEmail().normalizeEmail(),
  body('message').trim().isLength({ min: 10, max: 2000 }).escape(),
  async (req, res) => {
    const errors = validationResult(req);
    if (!errors.isEmpty()) return res.status(422).render('contact', { errors: errors.array(), values: req.body });
    await transport.sendMail({ from: process.env.MAIL_FROM, to: process.env.MAIL_TO, replyTo: req.body.email, subject: 'Contact', text: req.body.message });
    res.render('thanks');
  });
app.listen(3000);
