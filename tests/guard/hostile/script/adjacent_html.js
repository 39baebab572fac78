document.querySelector('#app').insertAdjacentHTML('beforeend',
  '<img src="x" onerror="eval(atob(\'YWxlcnQoMSk=\'))">');
