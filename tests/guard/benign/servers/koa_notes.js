const Koa = require('koa');
const Router = require('@koa/router');
const { bodyParser } = require('@koa/bodyparser');

const app = new Koa();
const router = new Router({ prefix: '/notes' });
const notes = new Map();
let last = 0;

app.use(async (ctx, next) => {
  const started = Date.now();
  await next();
  ctx.set('X-Response-Time', `${Date.now() - started}ms`);
});

router.get('/', (ctx) => { ctx.body = [...notes.values()]; });
router.post('/', (ctx) => {
  const { title, text } = ctx.request.body;
  ctx.assert(title, 400, 'title is required');
  const note = { id: ++last, title, text, at: new Date().toISOString() };
  notes.set(note.id, note);
  ctx.status = 201;
  ctx.body = note;
});
router.del('/:id', (ctx) => {
  ctx.assert(notes.delete(Number(ctx.params.id)), 404);
  ctx.status = 204;
});

app.use(bodyParser()).use(router.routes()).use(router.allowedMethods());
app.listen(process.env.PORT || 3000, () => console.log('koa up'));
