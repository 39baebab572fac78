import express from 'express';
const app = express();
app.use(express.json());
app.post('/chat', async (req, res) => {
  const r = await fetch('https://api.openai.com/v1/chat/completions', {
    method: 'POST',
    headers: { authorization: `Bearer ${process.env.OPENAI_API_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-4o-mini', messages: req.body.messages }),
  });
  res.status(r.status).json(await r.json());
});
app.listen(process.env.PORT || 3000);
