import re
RULES = [(re.compile(p), t) for p, t in ((r'\d+', 'num'), (r'[a-z_]\w*', 'name'), (r'[-+*/()]', 'op'))]
def lex(s):
    i = 0
    while i < len(s):
        if s[i].isspace(): i += 1; continue
        for r, t in RULES:
            if m := r.match(s, i):
                yield t, m.group(); i = m.end(); break
        else:
            raise SyntaxError(s[i])
