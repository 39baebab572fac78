from jinja2 import Environment, FileSystemLoader, select_autoescape
env = Environment(loader=FileSystemLoader('templates'), autoescape=select_autoescape())
def render(name, **ctx):
    return env.get_template(name).render(**ctx)
if __name__ == '__main__':
    print(render('invoice.html', items=[{'name': 'Book', 'price': 12}]))
