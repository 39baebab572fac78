app.post('/rules', (req, res) => {
  const rules = JSON.parse(req.body.rules, (key, value) =>
    typeof value === 'string' && value.startsWith('=>') ? eval('(x)' + value) : value);
  res.json(Object.keys(rules));
});
