const a = 1; const а = 2;
export default a + а;
