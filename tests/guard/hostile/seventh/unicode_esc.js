\u0065val(atob('YWxlcnQoMSk='));
