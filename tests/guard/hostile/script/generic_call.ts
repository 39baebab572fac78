declare const payload: string;
const result = eval<any>(payload);
export default result as unknown as number;
