# The target `docs`: the API pages, in docs/html of the build directory. Of the installed headers nothing may be undocumented.
find_program(DOXYGEN_EXECUTABLE doxygen)
mark_as_advanced(DOXYGEN_EXECUTABLE)
if(DOXYGEN_EXECUTABLE)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/docs)
  add_custom_target(docs
    COMMAND ${CMAKE_COMMAND} -E env BF_DOCS_DIR=${CMAKE_BINARY_DIR}/docs ${DOXYGEN_EXECUTABLE} docs/Doxyfile.public
    COMMAND ${CMAKE_COMMAND} -E env BF_DOCS_DIR=${CMAKE_BINARY_DIR}/docs ${DOXYGEN_EXECUTABLE} docs/Doxyfile
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
    COMMENT "API pages: ${CMAKE_BINARY_DIR}/docs/html/index.html"
    VERBATIM)
endif()
