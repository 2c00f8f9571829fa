# Builds text files into a library, so that an installed fewbit needs no source tree.
# fewbit_embed(target symbol files...) adds a generated source to `target` that defines
#   const std::vector<fewbit::TextFile>& fewbit::embedded::<symbol>();
function(fewbit_embed target symbol)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/embedded_${symbol}.cc)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -DSYMBOL=${symbol} "-DFILES=${ARGN}"
            -P ${PROJECT_SOURCE_DIR}/rtl_templates/embed_script.cmake
    DEPENDS ${ARGN} ${PROJECT_SOURCE_DIR}/rtl_templates/embed_script.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()
