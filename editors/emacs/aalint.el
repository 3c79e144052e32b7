;;; aalint.el --- Run aalint, the linter for AppArmor profiles -*- lexical-binding: t; -*-

;; Package-Requires: ((emacs "27.1"))
;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; `M-x aalint' checks the file of the current buffer (with a prefix argument: asks for a path) in a compilation buffer;
;; `next-error' goes from finding to finding.  Loading this file also teaches `M-x compile' the format.
;;
;; Policy opens in `aalint-mode', and there `M-x eglot' starts the language server.

;;; Code:

(require 'compile)

(defgroup aalint nil
  "Lint AppArmor profiles."
  :group 'tools)

(defcustom aalint-command "aalint check --format concise"
  "Command that checks the path that is appended to it."
  :type 'string)

;; path:line:col: severity[code] name: message
(add-to-list
 'compilation-error-regexp-alist-alist
 '(aalint
   "^\\(.+?\\):\\([0-9]+\\):\\([0-9]+\\): \\(?:error\\|\\(warning\\)\\|\\(info\\|hint\\)\\)\\[AA[0-9]+\\] "
   1 2 3 (4 . 5)))
(add-to-list 'compilation-error-regexp-alist 'aalint)

;;;###autoload
(defun aalint (path)
  "Check PATH with aalint: the current buffer's file, or with a prefix argument any."
  (interactive
   (list (if (or current-prefix-arg (not buffer-file-name))
             (read-file-name "Check: ")
           buffer-file-name)))
  (compile (concat aalint-command " " (shell-quote-argument (expand-file-name path)))))

;;;###autoload
(define-derived-mode aalint-mode prog-mode "AppArmor"
  "Major mode for AppArmor policy: comments, and a place for the language server."
  (setq-local comment-start "# "
              comment-start-skip "#+ *"
              comment-end ""
              indent-tabs-mode nil
              font-lock-defaults
              '((("\\_<\\(?:abi\\|alias\\|audit\\|capability\\|change_profile\\|dbus\\|deny\\|file\\|hat\\|include\\|io_uring\\|link\\|mount\\|mqueue\\|network\\|owner\\|pivot_root\\|profile\\|ptrace\\|remount\\|rlimit\\|set\\|signal\\|umount\\|unix\\|userns\\)\\_>"
                 . font-lock-keyword-face)
                ("@{[^}]*}" . font-lock-variable-name-face))))
  (modify-syntax-entry ?# "<")
  (modify-syntax-entry ?\n ">"))
(put 'aalint-mode 'eglot-language-id "apparmor")

;;;###autoload
(add-to-list 'auto-mode-alist '("/apparmor\\.d/" . aalint-mode))

(defvar eglot-server-programs)
(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs '((aalint-mode apparmor-mode) . ("aalint" "lsp"))))

(provide 'aalint)
;;; aalint.el ends here
