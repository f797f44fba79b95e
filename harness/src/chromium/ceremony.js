// Run among the page's own scripts: what they call stays what it is, and the harness hears how it ended.
(() => {
  for (const name of ["create", "get"]) {
    const real = navigator.credentials[name];
    navigator.credentials[name] = async (...options) => {
      const told = (error) => document.dispatchEvent(new CustomEvent("sekisho-ceremony", { detail: error }));
      try {
        const credential = await real.apply(navigator.credentials, options);
        told("");
        return credential;
      } catch (error) {
        told(error.name);
        throw error;
      }
    };
  }
})()
