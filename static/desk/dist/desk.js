"use strict";
document.getElementById("desk").textContent = "The script of this page is still to be built.";
