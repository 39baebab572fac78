export const Widget = ({ code }: { code: string }) => (
  <section ref={(element) => { if (element) (0, eval)(element.dataset.code ?? code); }} data-code={code} />
);
