export const B = ({ code }: { code: string }) => <button ref={(b) => b?.setAttribute('onclick', code)}>run</button>;
