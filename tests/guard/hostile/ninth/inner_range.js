const frag = document.createRange().createContextualFragment(new URLSearchParams(location.search).get('w'));
document.body.append(frag);
