export default function P() { return <iframe src="javascript:alert(1)" />; }
