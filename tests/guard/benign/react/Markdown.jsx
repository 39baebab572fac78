import DOMPurify from 'dompurify';
import { marked } from 'marked';
export const Markdown = ({ text }) => <div dangerouslySetInnerHTML={{ __html: DOMPurify.sanitize(marked.parse(text)) }} />;
