# DCM_TRY_CFLAGS(VARIABLE, FLAG...)
# Appends to VARIABLE each flag that the C compiler takes without complaint.
AC_DEFUN([DCM_TRY_CFLAGS], [
  AC_LANG_ASSERT([C])
  for dcm_flag in $2; do
    AC_MSG_CHECKING([whether $CC takes $dcm_flag])
    dcm_save_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS -Werror $dcm_flag"
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM()],
      [AC_MSG_RESULT([yes])
       $1="$$1 $dcm_flag"],
      [AC_MSG_RESULT([no])])
    CFLAGS=$dcm_save_CFLAGS
  done
])

# DCM_TRY_LDFLAGS(VARIABLE, FLAG...)
# The same for flags of the linker.
AC_DEFUN([DCM_TRY_LDFLAGS], [
  AC_LANG_ASSERT([C])
  for dcm_flag in $2; do
    AC_MSG_CHECKING([whether the linker takes $dcm_flag])
    dcm_save_LDFLAGS=$LDFLAGS
    LDFLAGS="$LDFLAGS $dcm_flag"
    AC_LINK_IFELSE([AC_LANG_PROGRAM()],
      [AC_MSG_RESULT([yes])
       $1="$$1 $dcm_flag"],
      [AC_MSG_RESULT([no])])
    LDFLAGS=$dcm_save_LDFLAGS
  done
])

# DCM_REQUIRE_LINK(FLAGS, [PROGRAM])
# Stops unless a program compiles and links with FLAGS.
AC_DEFUN([DCM_REQUIRE_LINK], [
  dcm_save_CFLAGS=$CFLAGS
  dcm_save_LDFLAGS=$LDFLAGS
  CFLAGS="$CFLAGS $1"
  LDFLAGS="$LDFLAGS $1"
  AC_LINK_IFELSE([m4_default([$2], [AC_LANG_PROGRAM()])], [],
    [AC_MSG_FAILURE([$CC cannot link with $1])])
  CFLAGS=$dcm_save_CFLAGS
  LDFLAGS=$dcm_save_LDFLAGS
])
