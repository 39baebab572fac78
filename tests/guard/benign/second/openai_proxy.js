const express = require('express');
const app = express();
app.use(express.json());
app.post('/api/complete', async (req, res) => {
  const answer = await fetch('https://api.openai.com/v1/chat/completions', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${process.env.OPENAI_API_KEY}` },
    body: JSON.stringify({ model: 'gpt-4o-mini', messages: req.body.messages }),
  });
  res.status(answer.status).json(await answer.json());
});
app.listen(process.env.PORT ?? 3000);
