import Database from 'better-sqlite3';
import express from 'express';

const db = new Database(process.env.DB_FILE ?? 'data.db');
db.pragma('journal_mode = WAL');
db.exec(`
  CREATE TABLE IF NOT EXISTS expenses (
    id INTEGER PRIMARY KEY,
    label TEXT NOT NULL,
    cents INTEGER NOT NULL CHECK (cents > 0),
    spent_on TEXT NOT NULL DEFAULT (date('now'))
  );
`);
const insert = db.prepare('INSERT INTO expenses (label, cents) VALUES (@label, @cents)');
const all = db.prepare('SELECT * FROM expenses ORDER BY spent_on DESC, id DESC');
const importMany = db.transaction((rows) => { for (const row of rows) insert.run(row); });

const app = express().use(express.json());
app.get('/api/expenses', (_, res) => res.json(all.all()));
app.post('/api/expenses', (req, res) => {
  const { lastInsertRowid: id } = insert.run({ label: String(req.body.label), cents: Math.round(req.body.amount * 100) });
  res.status(201).json({ id });
});
app.post('/api/import', (req, res) => { importMany(req.body.rows); res.sendStatus(204); });
app.listen(3000);
