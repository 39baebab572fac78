setTimeout("document.forms[0].submit()", 100);
