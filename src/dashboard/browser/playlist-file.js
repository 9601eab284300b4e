/** Puts a file of playlists that is chosen or dropped into the text field of the form, which works without it. */

const form = document.getElementById('first-run');
const field = form?.querySelector('textarea');
const input = form?.querySelector('input[type="file"]');
/** As the server takes. */
const MAX_BYTES = 32 * 1024;

/** @param {File | undefined} file */
async function take(file) {
  const problem = form?.querySelector('.problem');
  if (!file || !field || !problem) return;
  const isTooLarge = file.size > MAX_BYTES;
  problem.textContent = isTooLarge ? (form?.dataset['tooLarge'] ?? '') : '';
  if (isTooLarge) return;
  field.value = await file.text();
  field.focus();
}

if (form && input instanceof HTMLInputElement) {
  const label = input.closest('label');
  if (label) label.hidden = false;
  input.addEventListener('change', () => void take(input.files?.[0]));
  form.addEventListener('dragover', (event) => {
    if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
  });
  form.addEventListener('drop', (event) => {
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    void take(file);
  });
}
