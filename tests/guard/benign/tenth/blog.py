import markdown, yaml
from pathlib import Path
from flask import Flask, render_template, abort
app = Flask(__name__)
POSTS = Path(__file__).parent / 'posts'
def read(p):
    head, _, body = p.read_text(encoding='utf-8').partition('---\n')
    return {**yaml.safe_load(head), 'slug': p.stem, 'html': markdown.markdown(body)}
@app.get('/')
def index(): return render_template('index.html', posts=[read(p) for p in sorted(POSTS.glob('*.md'))])
@app.get('/<slug>')
def post(slug):
    p = POSTS / f'{Path(slug).name}.md'
    return render_template('post.html', post=read(p)) if p.exists() else abort(404)
