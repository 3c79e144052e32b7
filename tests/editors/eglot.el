;;; eglot.el --- What the language server does in a real Emacs -*- lexical-binding: t; -*-

;; emacs --batch -Q -L EDITORS -l aalint -l eglot.el, in a directory with a policy. Each check says its name; the first that fails ends
;; it with exit status 1.

(require 'eglot)
(require 'flymake)

(defun check (name holds seen)
  (if holds
      (princ (format "ok %s\n" name))
    (princ (format "FAILED %s: %S\n" name seen))
    (kill-emacs 1)))

(defun wait-for (test)
  "Whether TEST holds within ten seconds."
  (let ((end (+ (float-time) 10)) (holds (funcall test)))
    (while (and (not holds) (< (float-time) end))
      (accept-process-output nil 0.05)
      (setq holds (funcall test)))
    holds))

(defun findings ()
  "Lines of the diagnostics of the buffer, sorted."
  (mapconcat #'number-to-string
             (sort (mapcar (lambda (one) (line-number-at-pos (flymake-diagnostic-beg one)))
                           (flymake-diagnostics))
                   #'<)
             " "))

(setq eglot-connect-timeout 10
      eglot-sync-connect 10
      eglot-confirm-server-initiated-edits nil
      flymake-no-changes-timeout 0.1)
(find-file "apparmor.d/web")
(check "the mode is known" (eq major-mode 'aalint-mode) major-mode)
(call-interactively #'eglot)
(check "the server is connected" (eglot-managed-p) (eglot-current-server))
(flymake-mode 1)
(let ((expected (getenv "EXPECTED")))
  (check "its diagnostics are those of check"
         (wait-for (lambda () (flymake-start) (equal (findings) expected)))
         (list (findings) expected)))

;; The layout: the last rule stands at the margin.
(eglot-format-buffer)
(check "the text is laid out"
       (string-match-p "^  owner @{HOME}/notes rw,$" (buffer-string)) (buffer-string))

;; All safe edits, the second rule of a directory among them.
(let ((action (car (eglot-code-actions (point-min) (point-max) "source.fixAll.aalint"))))
  (check "all safe edits are offered" action nil)
  (let ((edit (plist-get action :edit)))
    (eglot--apply-workspace-edit
     (or edit (plist-get (jsonrpc-request (eglot-current-server) :codeAction/resolve action) :edit))))
  (check "they are applied" (not (string-match-p "index.html" (buffer-string))) (buffer-string)))

(kill-emacs 0)
