export const Calc = ({ f }: { f: string }) => <p>{String(eval(f))}</p>;
