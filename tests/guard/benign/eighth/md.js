import { marked } from 'https://cdn.jsdelivr.net/npm/marked/lib/marked.esm.js';
import DOMPurify from 'https://cdn.jsdelivr.net/npm/dompurify/dist/purify.es.mjs';
const input = document.querySelector('textarea');
input.oninput = () => { document.querySelector('#out').innerHTML = DOMPurify.sanitize(marked.parse(input.value)); };
