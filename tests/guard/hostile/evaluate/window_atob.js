window[atob('ZXZhbA==')](atob('YWxlcnQoMSk='));
