"""Documents, images and sound: the text that they carry beside what is seen or heard."""
