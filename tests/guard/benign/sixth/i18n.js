export default {
  en: { hello: 'Hello', bye: 'Goodbye' },
  ar: { hello: 'مرحبا', bye: 'مع السلامة' },
  he: { hello: 'שלום', bye: 'להתראות' },
  ru: { hello: 'Привет', bye: 'До свидания' },
  el: { hello: 'Γεια σου', bye: 'Αντίο' },
};
