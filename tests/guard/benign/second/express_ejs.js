const express = require('express');
const path = require('path');
const app = express();
app.set('views', path.join(__dirname, 'views'));
app.set('view engine', 'ejs');
app.use(express.static(path.join(__dirname, 'public'), { maxAge: '1h' }));
app.use(express.urlencoded({ extended: true }));
let posts = [{ id: 1, title: 'Hello', body: 'World', tags: ['a'] }];
app.get('/', (req, res) => {
  const tag = req.query.tag;
  res.render('index', { posts: tag ? posts.filter((post) => post.tags.includes(tag)) : posts, tag });
});
app.post('/posts', (req, res) => {
  posts = [{ id: Date.now(), title: req.body.title, body: req.body.body, tags: (req.body.tags || '').split(',').map((t) => t.trim()) }, ...posts];
  res.redirect('/');
});
app.use((req, res) => res.status(404).render('404'));
app.use((err, req, res, next) => { console.error(err.stack); res.status(500).send('Something broke'); });
app.listen(process.env.PORT || 3000);
