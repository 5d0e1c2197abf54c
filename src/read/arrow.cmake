# Apache Arrow for Parquet: the target peaktext_arrow where it is found, and a
# word at configure time where it is not. Debian 12 has no package of it; the
# pyarrow wheel from PyPI carries headers and libraries. Looked for in turn:
# a system Arrow's own CMake configuration, PEAKTEXT_PYARROW (a folder with
# include/ and libarrow.so.*; also from the environment), the reference
# environment that the tests make, python3's pyarrow.
option(PEAKTEXT_ARROW "Read Parquet, where Apache Arrow is found" ON)
set(PEAKTEXT_PYARROW "$ENV{PEAKTEXT_PYARROW}" CACHE PATH "The folder of the pyarrow module")

function(peaktext_find_pyarrow result)
  foreach(python ${CMAKE_BINARY_DIR}/oracle/venv/bin/python
      ${CMAKE_SOURCE_DIR}/build/oracle/venv/bin/python python3)
    execute_process(COMMAND ${python} -c "import pyarrow, os; print(os.path.dirname(pyarrow.__file__))"
      OUTPUT_VARIABLE folder OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
    if(NOT failed)
      set(${result} ${folder} PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

if(PEAKTEXT_ARROW)
  # Arrow 16: its first release with the pool of limited size that bounds memory here.
  find_package(Parquet 16 CONFIG QUIET)
  if(Parquet_FOUND)
    add_library(peaktext_arrow INTERFACE)
    target_link_libraries(peaktext_arrow INTERFACE Parquet::parquet_shared)
    message(STATUS "Parquet: Arrow ${Arrow_VERSION} of the system")
  else()
    set(folder ${PEAKTEXT_PYARROW})
    if(NOT folder)
      peaktext_find_pyarrow(folder)
    endif()
    file(GLOB arrow_library ${folder}/libarrow.so.*)
    file(GLOB parquet_library ${folder}/libparquet.so.*)
    if(folder AND arrow_library AND parquet_library AND EXISTS ${folder}/include/parquet/file_reader.h)
      add_library(peaktext_arrow INTERFACE)
      foreach(name arrow parquet)
        add_library(peaktext_lib${name} SHARED IMPORTED)
        set_target_properties(peaktext_lib${name} PROPERTIES IMPORTED_LOCATION ${${name}_library}
          INTERFACE_INCLUDE_DIRECTORIES ${folder}/include)
        target_link_libraries(peaktext_arrow INTERFACE peaktext_lib${name})
      endforeach()
      message(STATUS "Parquet: Arrow of ${folder}")
      # Writes the files that the tests read.
      get_filename_component(python ${folder}/../../../../bin/python3 ABSOLUTE)
      if(NOT EXISTS ${python})
        set(python python3)
      endif()
      set(PEAKTEXT_PYTHON ${python} CACHE STRING "A Python with pyarrow, for tests")
    endif()
  endif()
endif()
if(NOT PEAKTEXT_ARROW)
  message(STATUS "Parquet: left out (-DPEAKTEXT_ARROW=OFF)")
elseif(NOT TARGET peaktext_arrow)
  message(STATUS "Parquet: no Arrow found, built without (pip install pyarrow, or -DPEAKTEXT_PYARROW=DIR)")
endif()
