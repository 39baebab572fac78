from jinja2 import Environment, FileSystemLoader, select_autoescape
env = Environment(loader=FileSystemLoader("templates"), autoescape=select_autoescape())
page = env.get_template("index.html").render(title="Home", items=[1, 2, 3])
line = env.from_string("{{ n }} items").render(n=3)
with open("index.html", "w") as f:
    f.write(page + line)
